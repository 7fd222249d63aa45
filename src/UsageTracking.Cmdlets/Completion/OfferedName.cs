namespace UsageTracking.Cmdlets.Completion;

/// <summary>A name that may be meant.</summary>
/// <param name="Name">The name.</param>
/// <param name="About">What the shell shows beside it; null for the name itself.</param>
internal sealed record OfferedName(string Name, string? About);
