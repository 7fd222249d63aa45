namespace UsageTracking.Queue.Spools;

/// <summary>How a spool stands.</summary>
/// <param name="Store">The store its records go to.</param>
/// <param name="SpoolId">Its name in that store.</param>
/// <param name="Owner">The id of the process that writes it, or wrote it.</param>
/// <param name="Machine">The machine of that process.</param>
/// <param name="IsLive">Whether that process is alive; an orphan is taken over by the next session that uses the store.</param>
/// <param name="Records">Records that wait.</param>
/// <param name="Bytes">Bytes on disk.</param>
/// <param name="Oldest">When the oldest record that waits was added; null where none waits.</param>
/// <param name="LastError">Why the last attempt to store failed; null once one succeeds.</param>
/// <param name="Folder">Where it is; null where nothing was written.</param>
public sealed record SpoolStatus(
    string Store, Guid SpoolId, int Owner, string Machine, bool IsLive, long Records, long Bytes, DateTimeOffset? Oldest, string? LastError, string? Folder);
