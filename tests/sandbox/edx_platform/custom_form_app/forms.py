"""The forms that the platform is configured to show."""

from django import forms

from custom_form_app.models import ExtraInfo


class ExtraInfoForm(forms.ModelForm):
    """One whose answers are kept in a table."""

    class Meta:
        model = ExtraInfo
        fields = ("department", "employees", "newsletter", "hired")


class PlainForm(forms.Form):
    """One whose answers are kept in the JSON of the profile, as those of old forms are."""

    department = forms.CharField()
