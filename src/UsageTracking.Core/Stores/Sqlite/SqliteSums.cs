using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Sums rows per customer, service and period.</summary>
internal sealed class SqliteSums(IReadOnlyList<DateTimeOffset> bounds)
{
    private readonly string[] _bounds = [.. bounds.Select(SqliteText.Time)];
    private readonly Dictionary<(string Customer, string Service, int Period), Sum> _sums = [];

    /// <summary>The sum that a row of this customer, service and time belongs to.</summary>
    public Sum For(string customer, string service, string time)
    {
        // The text of times sorts by time.
        int at = Array.BinarySearch(_bounds, time, StringComparer.Ordinal);
        (string, string, int) key = (customer, service, at >= 0 ? at : ~at - 1);
        if (!_sums.TryGetValue(key, out Sum? sum))
            _sums.Add(key, sum = new Sum());

        return sum;
    }

    public IReadOnlyList<PeriodFigures> ToFigures() =>
        [.. _sums.Select(s => new PeriodFigures(s.Key.Customer, s.Key.Service, s.Key.Period, s.Value.ToFigures()))];

    public sealed class Sum
    {
        private long _events;
        private ExactSum _quantity;
        private ExactSum _cost;
        private decimal? _minimum;
        private decimal? _maximum;

        public void Add(long events, string quantity, string cost, decimal? minimum, decimal? maximum)
        {
            _events += events;
            Add(ref _quantity, ExactDecimal.Parse(quantity));
            Add(ref _cost, ExactDecimal.Parse(cost));
            Widen(minimum, maximum);
        }

        public void AddRecord(decimal quantity, decimal unitCost, bool isCorrection)
        {
            _quantity.Add(quantity);
            _cost.AddProduct(quantity, unitCost);
            _events += isCorrection ? -1 : 1;
            if (!isCorrection)
                Widen(quantity, quantity);
        }

        public Figures ToFigures() => new(_events, _quantity.Value, _cost.Value, _minimum, _maximum);

        private static void Add(ref ExactSum sum, ExactDecimal value)
        {
            if (value.TryToDecimal(out decimal small))
                sum.Add(small);
            else
                sum.Add(value);
        }

        private void Widen(decimal? minimum, decimal? maximum)
        {
            if (minimum < (_minimum ?? decimal.MaxValue))
                _minimum = minimum;
            if (maximum > (_maximum ?? decimal.MinValue))
                _maximum = maximum;
        }
    }
}
