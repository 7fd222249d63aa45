namespace UsageTracking.Session;

/// <summary>How far a file has been read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">Records read.</param>
/// <param name="Position">Bytes read.</param>
/// <param name="Length">Bytes there are.</param>
/// <param name="IsChecking">Whether they are only checked so far.</param>
public sealed record ImportProgress(string Path, long Rows, long Position, long Length, bool IsChecking);
