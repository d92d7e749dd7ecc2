using ApiKeys.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ApiKeys.Server.Http;

/// <summary>Every problem that an endpoint answers, once. Those of authentication stand in the package, beside its handler.</summary>
internal static class Problems
{
    private const string RetryAfterSeconds = "5";

    public static ProblemHttpResult KeyNotFound() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "There is no API key with this id in your organization.");

    public static ProblemHttpResult MemberNotFound() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "There is no member with this id in your organization.");

    public static ProblemHttpResult OrganizationNotFound() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "There is no organization with this slug.");

    public static ProblemHttpResult NoSuchPath() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "There is nothing at this path. See /swagger for what there is.");

    public static ProblemHttpResult NoSuchThing() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "There is nothing with this id. List what there is first.");

    public static ProblemHttpResult NoSuchLease() => Create(
        StatusCodes.Status404NotFound, "not_found", "Not found", "The lease is lost. Forget what was remembered under it, and register again.");

    public static ProblemHttpResult TooManyNodes(int most) => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict", $"There are {most} nodes, which is as many as may be. Ask each time instead.");

    public static ProblemHttpResult SampleIsFull() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict", "The sample keeps no more than this. Start the host again to empty it.");

    public static ProblemHttpResult KeyRevoked() => Create(
        StatusCodes.Status409Conflict, "key_revoked", "API key is revoked",
        "The API key was revoked, which is for ever. Create a new one.");

    public static ProblemHttpResult Conflict() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict",
        "Somebody else changed the same thing at the same moment, and nothing was done. Read it again, then decide.");

    public static ProblemHttpResult RotatedAlready() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict",
        "The API key was rotated, and this is its previous secret. Rotate it with the current one, or ask an administrator.");

    public static ProblemHttpResult MemberExists() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict",
        "There is a member with this email in the organization already. Edit that one.");

    public static ProblemHttpResult LastAdministrator() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict",
        "This is the last administrator of the organization. Make another member an administrator first.");

    public static ProblemHttpResult OrganizationExists() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict", "There is an organization with this slug already. Choose another.");

    public static ProblemHttpResult DefaultStays() => Create(
        StatusCodes.Status409Conflict, "conflict", "Conflict",
        "The organization 'default' cannot be suspended: new operator keys are made in it. Disable or revoke its keys one by one.");

    public static ProblemHttpResult IdempotencyMismatch() => Create(
        StatusCodes.Status409Conflict, "idempotency_mismatch", "Idempotency mismatch",
        "This Idempotency-Key came with another request within the last 24 hours. Send a new one with a new request.");

    public static ProblemHttpResult PreconditionFailed() => Create(
        StatusCodes.Status412PreconditionFailed, "precondition_failed", "Precondition failed",
        "The API key is no longer as If-Match says. Read it again for its present ETag, then decide.");

    public static ProblemHttpResult PlanLimitReached(string plan, int limit) => Create(
        StatusCodes.Status403Forbidden, "plan_limit_reached", "Plan limit reached",
        $"The plan '{plan}' allows {limit} active API {(limit == 1 ? "key" : "keys")}, and the organization has as many. "
        + "Revoke one that is no longer used, or ask an operator for another plan.");

    public static ProblemHttpResult PlanUnknown(string plan) => Create(
        StatusCodes.Status403Forbidden, "plan_limit_reached", "Plan limit reached",
        $"The organization's plan '{plan}' is not in the catalog, and allows no new API key. Ask an operator for another plan.");

    public static ProblemHttpResult ScopeEscalation(IEnumerable<string> scopes) => Create(
        StatusCodes.Status403Forbidden, "scope_escalation", "Scope escalation",
        $"You cannot grant what your own API key does not hold: {string.Join(", ", scopes)}.");

    public static ProblemHttpResult OnlyAdministratorsPromote() => Create(
        StatusCodes.Status403Forbidden, "scope_escalation", "Scope escalation",
        "Only administrators may make somebody an administrator.");

    public static ProblemHttpResult AdministratorsOnly() => Create(
        StatusCodes.Status403Forbidden, "scope_escalation", "Scope escalation",
        "Only administrators may make or rotate a key that belongs to another member.");

    public static ProblemHttpResult OperatorsOnly() => Create(
        StatusCodes.Status403Forbidden, "scope_escalation", "Scope escalation",
        "Only operators may act for another organization. Leave 'organization' out to act for your own.");

    public static ProblemHttpResult MalformedJson() => Create(
        StatusCodes.Status400BadRequest, "malformed_json", "Malformed JSON",
        "The request body is not well-formed JSON in UTF-8, or is nested too deeply. Send one JSON object.");

    public static ProblemHttpResult Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]> { [field] = [message] });

    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors)
    {
        var problem = Create(
            StatusCodes.Status400BadRequest, "validation_failed", "Validation failed",
            "The request is not valid. See 'errors' for each field.");
        problem.ProblemDetails.Extensions["errors"] = errors.ToDictionary(
            field => Redaction.Of(field.Key), field => field.Value.Select(Redaction.Of).Distinct()); // a client may have put a value there
        return problem;
    }

    public static ProblemHttpResult BadRequest() => Create(
        StatusCodes.Status400BadRequest, "validation_failed", "Validation failed", "The request is not valid HTTP for this endpoint.");

    public static ProblemHttpResult MethodNotAllowed() => Create(
        StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "Method not allowed",
        "This path does not answer this method. See the Allow header, or /swagger.");

    public static ProblemHttpResult PayloadTooLarge() => Create(
        StatusCodes.Status413PayloadTooLarge, "payload_too_large", "Payload too large", "A request body may have 64 KiB at most.");

    public static ProblemHttpResult UnsupportedMediaType() => Create(
        StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Unsupported media type",
        "Send the request body as JSON in UTF-8, with 'Content-Type: application/json'; to /oauth2/introspect as 'application/x-www-form-urlencoded'.");

    /// <param name="response">Gets <c>Retry-After</c>.</param>
    public static ProblemHttpResult Unavailable(HttpResponse response)
    {
        response.Headers.RetryAfter = RetryAfterSeconds;
        return Create(
            StatusCodes.Status503ServiceUnavailable, "unavailable", "Temporarily unavailable",
            "The database cannot be reached at the moment. Try again after the number of seconds in Retry-After.");
    }

    public static ProblemHttpResult NoGatewayHere() => Create(
        StatusCodes.Status403Forbidden, "ip_not_allowed", "Address not allowed",
        "This address may not ask for a gateway. Add it to Gateway:AllowedNetworks.");

    public static ProblemHttpResult Internal() => Create(
        StatusCodes.Status500InternalServerError, "internal_error", "Internal error",
        "Something went wrong on our side. Tell the operator the trace_id.");

    private static ProblemHttpResult Create(int status, string code, string title, string detail) =>
        TypedResults.Problem(ApiKeyProblem.Create(status, code, title, detail));
}
