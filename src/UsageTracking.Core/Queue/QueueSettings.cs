namespace UsageTracking.Queue;

/// <summary>How the queue keeps and sends records. May be changed while it runs.</summary>
/// <param name="BatchSize">Records that wait before the drain sends at once.</param>
/// <param name="BatchTimeout">How long a record waits at most before the drain sends.</param>
/// <param name="AutoCreateCustomer">Whether the first usage of a customer creates it; null for what the store keeps.</param>
public sealed record QueueSettings(int BatchSize, TimeSpan BatchTimeout, bool? AutoCreateCustomer)
{
    /// <summary>100 records or 5 seconds, whichever comes first; synced for a power cut; a gibibyte, then waiting for half a minute.</summary>
    public static QueueSettings Default { get; } = new(100, TimeSpan.FromSeconds(5), true);

    /// <summary>
    /// Records that go to the store in one transaction at most; fewer where they would take more than half a second. A chunk costs
    /// some milliseconds whatever its size; beyond this they no longer show, and a failed one costs more to repeat.
    /// </summary>
    public int ChunkSize { get; init; } = 50_000;

    /// <summary>Chunks that are sent at once where that many wait and the store can take them. With few processors they would only take turns.</summary>
    public int ChunksAtOnce { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>What a record survives once it was added.</summary>
    public Durability Durability { get; init; } = Durability.Machine;

    /// <summary>Bytes the spool of a process may take on disk.</summary>
    public long Limit { get; init; } = 1L << 30;

    /// <summary>What happens to a record that comes when they are taken.</summary>
    public FullAction FullAction { get; init; } = FullAction.Block;

    /// <summary>How long it waits for room.</summary>
    public TimeSpan FullTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
