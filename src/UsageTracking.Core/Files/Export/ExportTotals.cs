using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Files.Export;

/// <summary>Adds up the records of an export while they pass, exactly.</summary>
internal sealed class ExportTotals(IReadOnlyList<string> serviceOrder)
{
    private readonly Dictionary<(string Customer, string Service), Sum> _sums = [];

    /// <summary>The figures of all together; a correction counts as minus one event, as in every report.</summary>
    public Figures All => _sums.Values.Aggregate(Figures.None, (all, sum) => all + sum.ToFigures());

    /// <summary>The services that there are records of, in catalogue order.</summary>
    public IEnumerable<string> Services => Lines.Select(l => l.Service).Distinct();

    /// <summary>The figures per service and customer, in catalogue order, then by customer.</summary>
    public IEnumerable<(string Customer, string Service, Figures Figures)> Lines =>
        from sum in _sums
        orderby Place(sum.Key.Service), sum.Key.Service, sum.Key.Customer
        select (sum.Key.Customer, sum.Key.Service, sum.Value.ToFigures());

    public void Add(StoredRecord record)
    {
        if (!_sums.TryGetValue((record.CustomerId, record.Service), out Sum? sum))
            _sums.Add((record.CustomerId, record.Service), sum = new Sum());

        sum.Add(record);
    }

    // Other programs may have written services that the catalogue does not have.
    private int Place(string service)
    {
        for (int i = 0; i < serviceOrder.Count; i++)
        {
            if (serviceOrder[i] == service)
                return i;
        }

        return serviceOrder.Count;
    }

    private sealed class Sum
    {
        private long _events;
        private ExactDecimal _quantity;
        private ExactDecimal _cost;

        public void Add(StoredRecord record)
        {
            _events += record.CorrectsId is null ? 1 : -1;
            _quantity += record.Quantity;
            _cost += (ExactDecimal)record.Quantity * record.UnitCost;
        }

        public Figures ToFigures() => new(_events, _quantity, _cost, null, null);
    }
}
