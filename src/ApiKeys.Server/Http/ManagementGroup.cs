namespace ApiKeys.Server.Http;

internal static class ManagementGroup
{
    /// <summary>Routes whose arguments are validated and whose problems are noted.</summary>
    public static RouteGroupBuilder MapManagement(this IEndpointRouteBuilder routes, string prefix, string tag) => routes
        .MapGroup(prefix)
        .WithTags(tag)
        .AddEndpointFilter(Answer.NoteProblemAsync)
        .AddEndpointFilterFactory(ValidationFilter.Create);
}
