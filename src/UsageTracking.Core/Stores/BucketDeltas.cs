using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>What some records add to the buckets: figures per customer, service and quarter hour.</summary>
internal sealed class BucketDeltas
{
    private readonly Dictionary<Key, Delta> _deltas = [];
    private Key _lastKey;
    private Delta? _last;

    public void Add(UsageRecord record, decimal unitCost) => For(record).Add(record, unitCost);

    /// <summary>Takes a record back; minimum and maximum stay what they are.</summary>
    public void AddCorrection(UsageRecord corrected, decimal unitCost) => For(corrected).AddCorrection(corrected, unitCost);

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

        /// <summary>Null where records are only taken back.</summary>
        public decimal? Minimum { get; private set; }

        /// <summary>Null where records are only taken back.</summary>
        public decimal? Maximum { get; private set; }

        public DateTimeOffset FirstEvent { get; private set; } = first.Timestamp;

        public DateTimeOffset LastEvent { get; private set; } = first.Timestamp;

        public void Add(UsageRecord record, decimal unitCost)
        {
            Events++;
            Quantity += record.Quantity;
            Cost += (ExactDecimal)record.Quantity * unitCost;
            Minimum = Math.Min(Minimum ?? record.Quantity, record.Quantity);
            Maximum = Math.Max(Maximum ?? record.Quantity, record.Quantity);
            Include(record);
        }

        public void AddCorrection(UsageRecord corrected, decimal unitCost)
        {
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
