namespace UsageTracking.Jobs;

/// <summary>The store a job works on; never with a password.</summary>
/// <param name="Path">The embedded store's file, or null.</param>
/// <param name="ConnectionString">How to connect a server, or null.</param>
/// <param name="Profile">The profile that says how to connect, or null.</param>
public sealed record JobStore(string? Path, string? ConnectionString, string? Profile = null)
{
    /// <summary>The one that the job's own environment names.</summary>
    public static JobStore OfEnvironment { get; } = new(null, null);
}
