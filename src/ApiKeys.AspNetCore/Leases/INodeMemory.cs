namespace ApiKeys.AspNetCore.Leases;

/// <summary>What a node remembers under its lease. Each of these also keeps what is being read from being remembered.</summary>
internal interface INodeMemory
{
    /// <summary>Forgets what these say has changed. When it returns, nobody finds any of it, and no read under way will be kept.</summary>
    void Apply(IEnumerable<Invalidation> invalidations);

    /// <summary>Forgets everything.</summary>
    void Forget();

    /// <summary>Keeps what is there, but no read under way.</summary>
    void NextGeneration();
}
