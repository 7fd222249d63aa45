using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>
/// Consecutive records of one spool. The spool's position in the store moves from <see cref="From"/> to <see cref="To"/> in
/// the transaction that stores them, which is what makes a retry harmless.
/// </summary>
/// <param name="SpoolId">The spool they come from.</param>
/// <param name="From">How many records of the spool come before this chunk.</param>
/// <param name="Records">The records, in order. They may be decoded whenever they are read.</param>
/// <param name="AutoCreateCustomers">
/// Whether customers the store does not know are created or their records rejected; null for what the store keeps as its option.
/// </param>
public sealed record UsageChunk(Guid SpoolId, long From, IReadOnlyList<UsageRecord> Records, bool? AutoCreateCustomers)
{
    private readonly long? _storePosition;
    private RecordTraits? _traits;

    /// <summary>The position after the chunk.</summary>
    public long To => From + Records.Count;

    /// <summary>
    /// The position the store is to have before the chunk: <see cref="From"/>, unless records before it are lost (a damaged
    /// spool, a store that was restored from an older state).
    /// </summary>
    public long StorePosition
    {
        get => _storePosition ?? From;
        init => _storePosition = value;
    }

    /// <summary>What the records have, and perhaps more: those of the chunk that this one is a part of.</summary>
    public RecordTraits Traits
    {
        get => _traits ??= RecordTraits.Of(Records);
        init => _traits = value;
    }

    /// <summary>The id of the store that the spool belongs to; another store refuses the chunk. Null where it belongs to none yet.</summary>
    public Guid? StoreId { get; init; }

    /// <summary>
    /// The storing of the chunk before it, where that is still under way: rows may be sent meanwhile, but the position moves, and
    /// keys are claimed, after it. Where it fails, so does this chunk. Null where everything before it is stored.
    /// </summary>
    public Task? After { get; init; }

    /// <summary>The ids that its records get, at least as many as they are, where they must not be any; else empty.</summary>
    public ReadOnlyMemory<long> Ids { get; init; }

    /// <summary>Called when the store has all records and still works on them; perhaps again where it has to begin anew.</summary>
    public Action? WhenSent { get; init; }

    /// <summary>Why the records of this chunk are to be set aside instead of stored; null for an ordinary chunk.</summary>
    public UsageException? Refusal { get; init; }
}

/// <summary>How a spool stands in a store.</summary>
/// <param name="StoreId">The store's own id.</param>
/// <param name="Position">How many records of the spool the store has settled; 0 where it knows none.</param>
public sealed record SpoolPosition(Guid StoreId, long Position);

/// <summary>What became of the records of a chunk; the three add up to all of them.</summary>
/// <param name="Committed">Stored now.</param>
/// <param name="Duplicates">Already stored under the same event key.</param>
/// <param name="Rejected">Set aside among the rejected records, with the reason.</param>
public readonly record struct ChunkOutcome(long Committed, long Duplicates, long Rejected)
{
    /// <summary>Adds two outcomes.</summary>
    public static ChunkOutcome operator +(ChunkOutcome a, ChunkOutcome b) =>
        new(a.Committed + b.Committed, a.Duplicates + b.Duplicates, a.Rejected + b.Rejected);
}

/// <summary>A record that cannot be stored as it is, and why.</summary>
/// <param name="Record">The record.</param>
/// <param name="Position">Its place in its spool, counted from 1.</param>
/// <param name="ErrorId">The stable id of the reason.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
public sealed record Rejection(UsageRecord Record, long Position, string ErrorId, string Reason);
