namespace UsageTracking.Queue;

/// <summary>What happens to a record that comes while the queue is full. What waits already is never dropped.</summary>
public enum FullAction
{
    /// <summary>It waits for room; after a time it is refused with an error.</summary>
    Block,

    /// <summary>It is refused with an error at once.</summary>
    Error,

    /// <summary>It is dropped and counted, and a warning says how many were.</summary>
    DropNewest,
}
