namespace ApiKeys.Server.Tests.Fixtures;

internal static class TempFolder
{
    /// <summary>Empty, and open to other accounts, as PostgreSQL's own may be.</summary>
    public static DirectoryInfo Create(string prefix) =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), prefix + Path.GetRandomFileName()));
}
