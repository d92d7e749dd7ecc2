namespace ApiKeys.Benchmarks;

/// <summary>What a figure depends on, and what may be told of the machine.</summary>
internal sealed record Machine(int Cpus, string DotNet, string Postgres, string Date)
{
    public static Machine Of(string postgres) => new(
        Environment.ProcessorCount, Environment.Version.ToString(), postgres, TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd"));

    public override string ToString() => $"{Cpus} CPUs, .NET {DotNet}, PostgreSQL {Postgres}, {Date}";
}
