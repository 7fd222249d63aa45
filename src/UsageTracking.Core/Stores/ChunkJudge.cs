using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>
/// Decides, at the drain, which records of a chunk can be stored: the service and the customer must exist, and an event
/// key used twice within the chunk counts once. What only the store can tell is left to the store.
/// </summary>
internal sealed class ChunkJudge
{
    private readonly Dictionary<(string Customer, string Key), KeyedEvent> _keys = [];

    public ChunkJudge(UsageChunk chunk, ServiceCatalogue catalogue, IReadOnlySet<string> customers)
    {
        Accepted = new List<UsageRecord>(chunk.Records.Count);
        long position = chunk.From;
        foreach (UsageRecord record in chunk.Records)
        {
            position++;
            try
            {
                if (chunk.Refusal is not null)
                    throw chunk.Refusal;

                Judge(catalogue.Resolve(record), position, customers);
            }
            catch (UsageException error)
            {
                Rejected.Add(new Rejection(record, position, error.ErrorId, error.Message));
            }
        }
    }

    /// <summary>The records to store, in order, named and counted as the catalogue does.</summary>
    public List<UsageRecord> Accepted { get; private set; }

    /// <summary>The records that cannot be stored.</summary>
    public List<Rejection> Rejected { get; } = [];

    /// <summary>How many records repeat an event.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The accepted records with an event key, in the order in which every writer takes its locks.</summary>
    public IReadOnlyList<KeyedEvent> Keyed => [.. _keys.Values
        .OrderBy(k => k.Record.CustomerId, StringComparer.Ordinal)
        .ThenBy(k => k.Record.EventKey, StringComparer.Ordinal)];

    /// <summary>Settles the keys that the store already had: each is a duplicate, or a conflict with other content.</summary>
    public void Settle(IEnumerable<KeyedEvent.Stored> known)
    {
        var gone = new HashSet<UsageRecord>(ReferenceEqualityComparer.Instance);
        foreach (KeyedEvent.Stored stored in known)
        {
            KeyedEvent mine = _keys[(stored.CustomerId, stored.EventKey)];
            gone.Add(mine.Record);
            Repeat(mine, stored);
        }

        if (gone.Count > 0)
            Accepted = Accepted.FindAll(r => !gone.Contains(r));
    }

    private void Judge(UsageRecord record, long position, IReadOnlySet<string> customers)
    {
        if (!customers.Contains(record.CustomerId))
            throw StoreErrors.UnknownCustomer(record.CustomerId);

        if (record.EventKey is not null)
        {
            var keyed = new KeyedEvent(record, position);
            if (!_keys.TryAdd((record.CustomerId, record.EventKey), keyed))
            {
                Repeat(keyed, _keys[(record.CustomerId, record.EventKey)].AsStored());
                return;
            }
        }

        Accepted.Add(record);
    }

    private void Repeat(KeyedEvent mine, KeyedEvent.Stored stored)
    {
        if (mine.SameAs(stored))
        {
            Duplicates++;
            return;
        }

        Rejected.Add(new Rejection(mine.Record, mine.Position, "EventKeyConflict",
            $"The event key '{mine.Record.EventKey}' was already used for an event with other content. Give this event a key of its own, or leave it out if it is the same event."));
    }
}
