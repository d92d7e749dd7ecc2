namespace ApiKeys.Benchmarks.Report;

/// <summary>Where a median is to lie.</summary>
/// <param name="IsAtLeast">Whether more is better.</param>
/// <param name="ToReach">Null where there is none but the stretch goal.</param>
/// <param name="Stretch">Beyond what has to be reached; null where there is none.</param>
internal sealed record Goal(bool IsAtLeast, double? ToReach, double? Stretch)
{
    public static Goal AtLeast(double toReach, double? stretch = null) => new(IsAtLeast: true, toReach, stretch);

    public static Goal AtMost(double toReach, double? stretch = null) => new(IsAtLeast: false, toReach, stretch);

    public static Goal StretchAtMost(double stretch) => new(IsAtLeast: false, ToReach: null, stretch);

    public bool? IsReachedBy(double value) => IsReached(value, ToReach);

    public bool? IsStretchReachedBy(double value) => IsReached(value, Stretch);

    private bool? IsReached(double value, double? limit) => limit is null ? null : IsAtLeast ? value >= limit : value <= limit;
}
