using System.Text;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Sums rows per customer, service and period.</summary>
internal sealed class SqliteSums(IReadOnlyList<DateTimeOffset> bounds)
{
    private readonly string[] _bounds = [.. bounds.Select(SqliteText.Time)];
    private readonly byte[][] _utf8Bounds = [.. bounds.Select(b => Encoding.UTF8.GetBytes(SqliteText.Time(b)))];
    private readonly Dictionary<(string Customer, string Service, int Period), Sum> _sums = [];

    private Place? _last;

    /// <summary>The sum that a row belongs to, which begins with customer, service and time.</summary>
    public Sum For(SqliteDataReader row)
    {
        // Rows come by customer, service and time: mostly it is the sum of the row before, which takes no text to see.
        if (_last is { } last && row.Utf8At(0).SequenceEqual(last.Customer) && row.Utf8At(1).SequenceEqual(last.Service)
            && row.Utf8At(2).SequenceCompareTo(last.From) >= 0 && row.Utf8At(2).SequenceCompareTo(last.To) < 0)
        {
            return last.Sum;
        }

        int period = PeriodOf(row.GetString(2));
        Sum sum = For(row.GetString(0), row.GetString(1), period);
        _last = new Place(row.Utf8At(0).ToArray(), row.Utf8At(1).ToArray(), _utf8Bounds[period], _utf8Bounds[period + 1], sum);
        return sum;
    }

    /// <summary>The sum that a row of this customer, service and time belongs to.</summary>
    public Sum For(string customer, string service, string time) => For(customer, service, PeriodOf(time));

    private Sum For(string customer, string service, int period)
    {
        if (!_sums.TryGetValue((customer, service, period), out Sum? sum))
            _sums.Add((customer, service, period), sum = new Sum());

        return sum;
    }

    private int PeriodOf(string time)
    {
        // The text of times sorts by time.
        int at = Array.BinarySearch(_bounds, time, StringComparer.Ordinal);
        return at >= 0 ? at : ~at - 1;
    }

    public IReadOnlyList<PeriodFigures> ToFigures() =>
        [.. _sums.Select(s => new PeriodFigures(s.Key.Customer, s.Key.Service, s.Key.Period, s.Value.ToFigures()))];

    public sealed class Sum
    {
        private long _events;
        private ExactDecimal _quantity;
        private ExactDecimal _cost;
        private decimal? _minimum;
        private decimal? _maximum;

        public void Add(long events, ExactDecimal quantity, ExactDecimal cost, decimal? minimum, decimal? maximum)
        {
            _events += events;
            _quantity += quantity;
            _cost += cost;
            Widen(minimum, maximum);
        }

        public void AddRecord(decimal quantity, decimal unitCost, bool isCorrection, bool isCorrected = false)
        {
            _quantity += quantity;
            _cost += (ExactDecimal)quantity * unitCost;
            _events += isCorrection ? -1 : 1;
            if (!isCorrection && !isCorrected)
                Widen(quantity, quantity);
        }

        public Figures ToFigures() => new(_events, _quantity, _cost, _minimum, _maximum);

        private void Widen(decimal? minimum, decimal? maximum)
        {
            if (minimum < (_minimum ?? decimal.MaxValue))
                _minimum = minimum;
            if (maximum > (_maximum ?? decimal.MinValue))
                _maximum = maximum;
        }
    }

    private sealed record Place(byte[] Customer, byte[] Service, byte[] From, byte[] To, Sum Sum);
}
