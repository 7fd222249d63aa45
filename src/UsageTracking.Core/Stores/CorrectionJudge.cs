using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>Decides which records can be taken back, from what a store found of them while nobody else can change that.</summary>
internal sealed class CorrectionJudge
{
    private readonly UsageException?[] _errors;
    private readonly Accepted?[] _accepted;
    private readonly IReadOnlyList<RecordCorrection> _asked;

    /// <summary>Judges.</summary>
    /// <param name="asked">The corrections asked for.</param>
    /// <param name="found">The records with their ids.</param>
    /// <param name="corrected">The ids of those that were taken back before.</param>
    /// <param name="read">The ids of those that come from readings of meters.</param>
    public CorrectionJudge(IReadOnlyList<RecordCorrection> asked, IEnumerable<Found> found, HashSet<long> corrected, HashSet<long> read)
    {
        _asked = asked;
        _errors = new UsageException?[asked.Count];
        _accepted = new Accepted?[asked.Count];
        Dictionary<long, Found> records = [];
        foreach (Found one in found)
            records[one.Record.Id] = one;

        for (int i = 0; i < asked.Count; i++)
        {
            try
            {
                _accepted[i] = Judge(asked[i], records.GetValueOrDefault(asked[i].Id), corrected, read);
                // The same one may be asked for twice.
                corrected.Add(asked[i].Id);
            }
            catch (UsageException error)
            {
                _errors[i] = error;
            }
        }
    }

    /// <summary>What is to be done, in the order asked for.</summary>
    public IReadOnlyList<Accepted> ToDo => [.. _accepted.OfType<Accepted>()];

    /// <summary>How many records are added to those that are in the buckets.</summary>
    public long Count => ToDo.Where(a => a.Found.IsAggregated).Sum(a => a.Replacement is null ? 1 : 2);

    /// <summary>What all of it does to the buckets. Records that are not in them are folded in together with their corrections.</summary>
    public BucketDeltas Deltas()
    {
        var deltas = new BucketDeltas();
        foreach (Accepted one in ToDo.Where(a => a.Found.IsAggregated))
        {
            deltas.AddCorrection(one.Original, one.Found.Record.UnitCost);
            if (one.Replacement is { } right)
                deltas.Add(right, right.UnitCost!.Value);
        }

        return deltas;
    }

    /// <summary>What became of each.</summary>
    /// <param name="written">The ids and times of what was added, the correction and what takes its place, in the order of <see cref="ToDo"/>.</param>
    public IReadOnlyList<CorrectionOutcome> Outcomes(IEnumerable<(long Id, DateTimeOffset ReceivedAt)> written)
    {
        using IEnumerator<(long Id, DateTimeOffset ReceivedAt)> row = written.GetEnumerator();
        var outcomes = new List<CorrectionOutcome>(_asked.Count);
        for (int i = 0; i < _asked.Count; i++)
        {
            StoredRecord? record = null;
            if (_accepted[i] is { } done)
            {
                row.MoveNext();
                record = done.Added(row.Current.Id, row.Current.ReceivedAt);
            }

            outcomes.Add(new CorrectionOutcome(_asked[i], record, _errors[i]));
        }

        return outcomes;
    }

    private static Accepted Judge(RecordCorrection asked, Found? found, HashSet<long> corrected, HashSet<long> read)
    {
        if (found is null || (asked.CustomerId is { } customer && customer != found.Record.CustomerId) || (asked.Timestamp is { } time && time != found.Record.Timestamp))
            throw StoreErrors.RecordNotFound(asked);

        if (found.Record.CorrectsId is { } original)
            throw StoreErrors.RecordIsCorrection(asked, original);

        if (corrected.Contains(asked.Id))
            throw StoreErrors.AlreadyUndone(asked);

        if (read.Contains(asked.Id))
            throw StoreErrors.RecordOfReading(asked);

        if (!asked.IsAdjustment)
            return new Accepted(asked, found, null);

        UsageRecord right = RecordInput.CheckCost(found.ToUsage() with
        {
            Quantity = asked.Quantity ?? found.Record.Quantity,
            UnitCost = asked.UnitCost ?? found.Record.UnitCost,
        });
        return (right.Quantity, right.UnitCost) == (found.Record.Quantity, found.Record.UnitCost)
            ? throw StoreErrors.NothingToAdjust(asked)
            : new Accepted(asked, found, right);
    }

    /// <summary>A record as the store has it.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="IsAggregated">Whether it is in the buckets.</param>
    public sealed record Found(StoredRecord Record, bool IsAggregated)
    {
        public UsageRecord ToUsage() => new()
        {
            CustomerId = Record.CustomerId,
            Service = Record.Service,
            Quantity = Record.Quantity,
            UnitCost = Record.UnitCost,
            Timestamp = Record.Timestamp,
            Metadata = Record.Metadata,
            EventKey = Record.EventKey,
        };
    }

    /// <summary>A record to take back.</summary>
    /// <param name="Asked">The correction.</param>
    /// <param name="Found">The record.</param>
    /// <param name="Replacement">What takes its place; null for nothing.</param>
    public sealed record Accepted(RecordCorrection Asked, Found Found, UsageRecord? Replacement)
    {
        public UsageRecord Original => Found.ToUsage();

        /// <summary>Why there is another record in the place of this one.</summary>
        public string ReplacementReason => FormattableString.Invariant($"instead of record {Asked.Id}: {Asked.Reason}");

        public StoredRecord Added(long id, DateTimeOffset receivedAt) => Found.Record with
        {
            Id = id,
            ReceivedAt = Replacement is null ? receivedAt : Found.Record.ReceivedAt,
            Quantity = Replacement?.Quantity ?? -Found.Record.Quantity,
            UnitCost = Replacement?.UnitCost ?? Found.Record.UnitCost,
            EventKey = Replacement?.EventKey,
            CorrectsId = Replacement is null ? Asked.Id : null,
            CorrectedBy = Asked.By,
            CorrectionReason = Replacement is null ? Asked.Reason : ReplacementReason,
        };
    }
}
