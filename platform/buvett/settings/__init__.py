"""Django's settings, built from the environment of one process.

Each kind of process finds only its own addresses and keys there (DESIGN.md, section 4). A missing one refuses to
start and names it; another process's refuses to start too.
"""

import sys
from pathlib import Path

from django.contrib.messages import constants as message_levels

from buvett.settings.databases import databases_for
from buvett.settings.environment import Environment, Refused

try:
    ENVIRONMENT = Environment.read()
except Refused as refusal:
    # Whoever starts the process sees why it does not start; it may be in the middle of an import.
    print(f"buvett: {refusal}", file=sys.stderr)
    raise

PROCESS = ENVIRONMENT.process
MODE = ENVIRONMENT.mode
MAIN_ROLE = PROCESS.main_role.value
SYNTHETIC = ENVIRONMENT.synthetic
HOME = ENVIRONMENT.home
KEY_FOLDER = ENVIRONMENT.key_folder
KEYSTORE_FOLDER = ENVIRONMENT.keystore_folder
BROKERS = ENVIRONMENT.brokers

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
# The own proxy ends TLS and says so, and from where it was asked. Without one nobody's word is taken for either.
BEHIND_PROXY = ENVIRONMENT.behind_proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

DATABASES = databases_for(ENVIRONMENT)
DATABASE_ROUTERS = ["tenants.isolation.roles.RoleRouter"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_cotton",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "tenants.isolation",
    "tenants.vault",
    "tenants.audit",
    "tenants.legal",
    "tenants.register",
    "buvett.accounts",
    "buvett.access",
    "buvett.agreements",
    "buvett.releases",
    "buvett.plans",
    "buvett.pages",
    "buvett.api",
    "django.forms",  # last: the pages' own templates for widgets come first
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "buvett.pages.middleware.WholePageMiddleware",
    "buvett.pages.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "buvett.accounts.middleware.SecondFactorMiddleware",
    "buvett.pages.middleware.ThrottleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "buvett.urls"
WSGI_APPLICATION = "buvett.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Not in a cookie: what a page says after an action stays on the server. It names no person.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MESSAGE_TAGS = {message_levels.ERROR: "danger"}
FORM_RENDERER = "buvett.pages.forms.Renderer"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "buvett.accounts.backends.PasswordBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Guardian's rows of our own kind carry the municipality; no anonymous stand-in user is wanted.
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False

# allauth: password, then second factor. It sends nothing, signs nobody up and counts no tries (accounts.throttle does).
ACCOUNT_ADAPTER = "buvett.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_TIMEOUT = 10 * 60
MFA_ADAPTER = "buvett.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = MODE == "production"
CSRF_COOKIE_SECURE = MODE == "production"
SECURE_HSTS_SECONDS = 31_536_000 if MODE == "production" else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "buvett.pages.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# Uploads stay in memory: nothing about a person is written to disk in clear.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LANGUAGE_CODE = "nn"
LANGUAGES = [("nn", "Nynorsk"), ("nb", "Bokmål"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
FORMAT_MODULE_PATH = "buvett.locale.formats"
USE_I18N = True
TIME_ZONE = "Europe/Oslo"
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "buvett.api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "bu-vett",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "ReleaseState": ["published", "withdrawn"],
        "PlanState": ["sent", "answered", "replaced"],
    },
}

# Errors go to the log by kind and place only: never the statement, its parameters or a local variable.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"bare": {"()": "buvett.settings.logs.Bare"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["bare"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "buvett": {"level": "INFO"},
        "tenants": {"level": "INFO"},
        "django.db.backends": {"level": "CRITICAL", "propagate": False},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
