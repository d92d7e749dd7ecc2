namespace ApiKeys.Server.Model;

internal static class Instants
{
    /// <summary>
    /// Now, in whole milliseconds: what is answered is then exactly what is stored, and what a client can compare.
    /// </summary>
    public static DateTimeOffset Now(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
