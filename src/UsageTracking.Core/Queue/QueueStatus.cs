namespace UsageTracking.Queue;

/// <summary>How a queue stands.</summary>
/// <param name="SpoolId">The queue's name in the store.</param>
/// <param name="Records">Records that wait.</param>
/// <param name="Oldest">When the oldest of them was added; null where none waits.</param>
/// <param name="LastError">Why the last attempt to store failed; null once one succeeds.</param>
public sealed record QueueStatus(Guid SpoolId, long Records, DateTimeOffset? Oldest, UsageException? LastError);
