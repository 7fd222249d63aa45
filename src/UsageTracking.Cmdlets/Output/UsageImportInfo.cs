namespace UsageTracking.Cmdlets.Output;

/// <summary>What came of an imported file, or of the texts of a pipeline.</summary>
/// <param name="Path">The file; null for texts.</param>
/// <param name="Records">Records that were added to the queue.</param>
/// <param name="Rejected">Lines that were bad.</param>
/// <param name="Duration">How long it took.</param>
public sealed record UsageImportInfo(string? Path, long Records, long Rejected, TimeSpan Duration);
