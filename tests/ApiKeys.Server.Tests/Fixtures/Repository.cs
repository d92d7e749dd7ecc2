namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>The files that this test run was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "ApiKeys.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("ApiKeys.sln is not above the tests.");

        return directory.FullName;
    }
}
