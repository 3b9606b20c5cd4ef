"""The OpenAPI schema of the sandbox: the product's endpoints, and who is let in as on the platform."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension

PREFIX = "/api/user_group/"


def endpoints_of_the_product(endpoints):
    """Leave out those of other plugins, which do not describe themselves."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(PREFIX)]


class WebToken(OpenApiAuthenticationExtension):
    """The web tokens of the platform."""

    target_class = "edx_rest_framework_extensions.auth.jwt.authentication.JwtAuthentication"
    name = "jwtAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "JWT followed by the token."}
