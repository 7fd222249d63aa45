using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>
/// Decides, at the drain, which records of a chunk can be stored: the service and the customer must exist, and an event
/// key used twice within the chunk counts once. What only the store can tell is left to the store.
/// </summary>
internal sealed class ChunkJudge(UsageChunk chunk, ServiceCatalogue catalogue, IReadOnlySet<string> customers)
{
    private readonly Dictionary<(string Customer, string Key), KeyedEvent> _keys = [];

    // By position: the records that are not stored because of their key, and why where that is no duplicate.
    private readonly Dictionary<long, Rejection?> _repeats = [];

    private IReadOnlyList<KeyedEvent>? _keyed;

    /// <summary>How many records are stored. Complete, like what follows, when the records have been read to their end.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many records repeat an event.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The records that cannot be stored.</summary>
    public List<Rejection> Rejected { get; } = [];

    /// <summary>What became of the records.</summary>
    public ChunkOutcome Outcome => new(Accepted, Duplicates, Rejected.Count);

    /// <summary>The records with an event key that can be stored, in the order in which every writer takes its locks.</summary>
    public IReadOnlyList<KeyedEvent> Keyed => _keyed ??= FindKeyed();

    /// <summary>Settles the keys that the store already had: each is a duplicate, or a conflict with other content.</summary>
    public void Settle(IEnumerable<KeyedEvent.Stored> known)
    {
        foreach (KeyedEvent.Stored stored in known)
            Repeat(_keys[(stored.CustomerId, stored.EventKey)], stored);
    }

    /// <summary>The records to store, in order, named and counted as the catalogue does; read once, when keys are settled.</summary>
    public IEnumerable<UsageRecord> Read()
    {
        _ = Keyed;
        long position = chunk.From;
        foreach (UsageRecord record in chunk.Records)
        {
            position++;
            if (_repeats.Count > 0 && _repeats.TryGetValue(position, out Rejection? conflict))
            {
                if (conflict is null)
                    Duplicates++;
                else
                    Rejected.Add(conflict);
            }
            else if (Judge(record, position, out Rejection? rejection) is { } accepted)
            {
                Accepted++;
                yield return accepted;
            }
            else
            {
                Rejected.Add(rejection!);
            }
        }
    }

    private List<KeyedEvent> FindKeyed()
    {
        if (!chunk.Traits.HaveEventKeys)
            return [];

        long position = chunk.From;
        foreach (UsageRecord record in chunk.Records)
        {
            position++;
            if (record.EventKey is null || Judge(record, position, out _) is not { } accepted)
                continue;

            var keyed = new KeyedEvent(accepted, position);
            if (!_keys.TryAdd((record.CustomerId, record.EventKey), keyed))
                Repeat(keyed, _keys[(record.CustomerId, record.EventKey)].AsStored());
        }

        return [.. _keys.Values.OrderBy(k => k.Record.CustomerId, StringComparer.Ordinal).ThenBy(k => k.Record.EventKey, StringComparer.Ordinal)];
    }

    private UsageRecord? Judge(UsageRecord record, long position, out Rejection? rejection)
    {
        rejection = null;
        try
        {
            if (chunk.Refusal is not null)
                throw chunk.Refusal;

            UsageRecord resolved = catalogue.Resolve(record);
            return customers.Contains(resolved.CustomerId) ? resolved : throw StoreErrors.UnknownCustomer(resolved.CustomerId);
        }
        catch (UsageException error)
        {
            rejection = new Rejection(record, position, error.ErrorId, error.Message);
            return null;
        }
    }

    private void Repeat(KeyedEvent mine, KeyedEvent.Stored stored) => _repeats[mine.Position] = mine.SameAs(stored)
        ? null
        : new Rejection(mine.Record, mine.Position, "EventKeyConflict",
            $"The event key '{mine.Record.EventKey}' was already used for an event with other content. Give this event a key of its own, or leave it out if it is the same event.");
}
