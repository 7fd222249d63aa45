using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>What some records add to the buckets: figures per customer, service and quarter hour.</summary>
internal sealed class BucketDeltas
{
    private readonly Dictionary<Key, Delta> _deltas = [];
    private Key _lastKey;
    private Delta? _last;

    /// <summary>The buckets in which records are taken back: what is their smallest and largest quantity now, only the records tell.</summary>
    public IReadOnlyList<Key> Corrected => [.. _deltas.Where(d => d.Value.HasCorrections).Select(d => d.Key)];

    /// <summary>Adds a record; one that was taken back, by a correction that is added too, is neither the smallest nor the largest.</summary>
    public void Add(UsageRecord record, decimal unitCost, bool isCorrected = false) => For(record).Add(record, unitCost, isCorrected);

    /// <summary>Takes a record back.</summary>
    public void AddCorrection(UsageRecord corrected, decimal unitCost) => For(corrected).AddCorrection(corrected, unitCost);

    /// <summary>Says that records of a bucket, if any are added to it, were taken back before.</summary>
    public void MarkCorrected(Key key)
    {
        if (_deltas.TryGetValue(key, out Delta? delta))
            delta.HasCorrections = true;
    }

    private Delta For(UsageRecord record)
    {
        var key = new Key(record.CustomerId, record.Service, Instants.QuarterHour(record.Timestamp));
        // Events arrive in bursts of one customer and service.
        if (_last is null || key != _lastKey)
        {
            if (!_deltas.TryGetValue(key, out _last))
                _deltas.Add(key, _last = new Delta(record));

            _lastKey = key;
        }

        return _last;
    }

    /// <summary>The deltas in key order, in which every writer takes its locks.</summary>
    public IReadOnlyList<(Key Key, Delta Delta)> InKeyOrder()
    {
        (Key Key, Delta Delta)[] rows = [.. _deltas.Select(d => (d.Key, d.Value))];
        Array.Sort(rows, static (a, b) => a.Key.CompareTo(b.Key));
        return rows;
    }

    public readonly record struct Key(string CustomerId, string Service, DateTimeOffset Start)
    {
        public int CompareTo(Key other)
        {
            int order = string.CompareOrdinal(CustomerId, other.CustomerId);
            if (order == 0)
                order = string.CompareOrdinal(Service, other.Service);

            return order == 0 ? Start.CompareTo(other.Start) : order;
        }
    }

    public sealed class Delta(UsageRecord first)
    {
        public long Events { get; private set; }

        public ExactDecimal Quantity { get; private set; }

        public ExactDecimal Cost { get; private set; }

        /// <summary>Null where there are only records that were taken back.</summary>
        public decimal? Minimum { get; private set; }

        /// <summary>Null where there are only records that were taken back.</summary>
        public decimal? Maximum { get; private set; }

        public DateTimeOffset FirstEvent { get; private set; } = first.Timestamp;

        public DateTimeOffset LastEvent { get; private set; } = first.Timestamp;

        public bool HasCorrections { get; set; }

        public void Add(UsageRecord record, decimal unitCost, bool isCorrected)
        {
            Events++;
            Quantity += record.Quantity;
            Cost += (ExactDecimal)record.Quantity * unitCost;
            if (!isCorrected)
            {
                Minimum = Math.Min(Minimum ?? record.Quantity, record.Quantity);
                Maximum = Math.Max(Maximum ?? record.Quantity, record.Quantity);
            }

            Include(record);
        }

        public void AddCorrection(UsageRecord corrected, decimal unitCost)
        {
            HasCorrections = true;
            Events--;
            Quantity -= corrected.Quantity;
            Cost -= (ExactDecimal)corrected.Quantity * unitCost;
            Include(corrected);
        }

        private void Include(UsageRecord record)
        {
            if (record.Timestamp < FirstEvent)
                FirstEvent = record.Timestamp;
            if (record.Timestamp > LastEvent)
                LastEvent = record.Timestamp;
        }
    }
}
