using System.Reflection;
using ApiKeys.AspNetCore.Swashbuckle;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>What others may compile against. A change shows in review; to accept one, run with APIKEYS_ACCEPT_PUBLIC_API=1.</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData(typeof(IApiKeyVerifier))]
    [InlineData(typeof(ApiKeySwaggerGenExtensions))]
    public async Task The_public_API_is_the_one_that_is_committed(Type one)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "ApiKeys.sln")))
            directory = directory.Parent!;

        var file = Path.Combine(directory.FullName, "src", one.Assembly.GetName().Name!, "PublicApi.txt");
        var api = string.Join('\n', one.Assembly.GetExportedTypes().OrderBy(type => type.FullName).SelectMany(Lines)) + "\n";
        if (Environment.GetEnvironmentVariable("APIKEYS_ACCEPT_PUBLIC_API") is not null)
            await File.WriteAllTextAsync(file, api);

        Assert.Equal(await File.ReadAllTextAsync(file), api);
    }

    private static IEnumerable<string> Lines(Type type) => type.GetMembers(Declared)
        .Where(member => member is not MethodInfo { IsSpecialName: true } and not FieldInfo { IsSpecialName: true })
        .Select(member => $"  {member}")
        .Order(StringComparer.Ordinal)
        .Prepend(type.FullName!);
}
