using FluentValidation;

namespace ApiKeys.Server.Http;

/// <summary>Runs the validator of every argument that has one before the handler; fields are named as in JSON.</summary>
internal static class ValidationFilter
{
    /// <summary>Messages name fields as JSON does.</summary>
    static ValidationFilter() => ValidatorOptions.Global.DisplayNameResolver =
        (_, member, _) => member is null ? null : JsonSetup.NameOf(member.Name);

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var validated = context.MethodInfo.GetParameters()
            .Select((parameter, index) => (Index: index, Validator: typeof(IValidator<>).MakeGenericType(parameter.ParameterType)))
            .Where(argument => context.ApplicationServices.GetService<IServiceProviderIsService>()!.IsService(argument.Validator))
            .ToArray();

        return validated.Length == 0 ? next : invocation => ValidateAsync(invocation, next, validated);
    }

    private static async ValueTask<object?> ValidateAsync(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, (int Index, Type Validator)[] validated)
    {
        var services = invocation.HttpContext.RequestServices;
        foreach (var (index, type) in validated)
        {
            if (invocation.Arguments[index] is not { } argument)
                continue;

            var validator = (IValidator)services.GetRequiredService(type);
            var result = await validator.ValidateAsync(
                new ValidationContext<object>(argument), invocation.HttpContext.RequestAborted);
            if (!result.IsValid)
            {
                return Problems.Invalid(result.Errors
                    .GroupBy(error => string.Join('.', error.PropertyName.Split('.').Select(JsonSetup.NameOf)), error => error.ErrorMessage)
                    .ToDictionary(field => field.Key, field => field.Distinct().ToArray()));
            }
        }

        return await next(invocation);
    }
}
