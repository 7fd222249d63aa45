using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>What a store has to know of records before it reads the first one.</summary>
public sealed class RecordTraits
{
    private readonly HashSet<string> _customers = new(StringComparer.Ordinal);
    private readonly HashSet<DateTimeOffset> _months = [];
    private string? _customer;
    private DateTimeOffset _month;
    private DateTimeOffset _nextMonth;

    /// <summary>Whose they are.</summary>
    public IReadOnlyCollection<string> Customers => _customers;

    /// <summary>The months they fall in, in UTC, by their first instants.</summary>
    public IReadOnlyCollection<DateTimeOffset> Months => _months;

    /// <summary>Whether any has an event key.</summary>
    public bool HaveEventKeys { get; private set; }

    /// <summary>What these records have.</summary>
    public static RecordTraits Of(IEnumerable<UsageRecord> records)
    {
        var traits = new RecordTraits();
        foreach (UsageRecord record in records)
            traits.Add(record.CustomerId, record.Timestamp, record.EventKey is not null);

        return traits;
    }

    /// <summary>Adds those of a record.</summary>
    internal void Add(string customer, DateTimeOffset timestamp, bool hasEventKey)
    {
        // Most come in bursts of one customer and in order of time.
        if (!ReferenceEquals(customer, _customer))
            _customers.Add(_customer = customer);

        if (timestamp < _month || timestamp >= _nextMonth)
        {
            _month = new DateTimeOffset(timestamp.UtcDateTime.Year, timestamp.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
            _nextMonth = _month.Year == DateTimeOffset.MaxValue.Year ? DateTimeOffset.MaxValue : _month.AddMonths(1);
            _months.Add(_month);
        }

        HaveEventKeys |= hasEventKey;
    }
}
