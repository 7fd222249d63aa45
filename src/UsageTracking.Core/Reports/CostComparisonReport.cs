using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// What usage would have cost at other prices, on an invoice or not. What keeps the price it was stamped with does so at other prices
/// too, and overage is left out: it has prices of its own.
/// </summary>
public static class CostComparisonReport
{
    /// <summary>A line per customer and service with usage.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="proposed">Prices that stand instead of those of the same service and customer, plan or list, over the whole range.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageCostDifference>> ReadAsync(
        IUsageStore store, ReportScope scope, IReadOnlyList<Price> proposed, CancellationToken cancel)
    {
        TimeRange range = CostReport.RangeOf(scope);
        PriceBook stored = await store.GetPriceBookAsync(scope.Customers, cancel);
        var current = new PriceBook(stored.Prices, stored.PlanOfCustomer, []);
        var other = new PriceBook(Merge(stored.Prices, proposed), stored.PlanOfCustomer, []);
        IReadOnlyList<DateTimeOffset> bounds = [.. current.Bounds(range, false).Union(other.Bounds(range, false)).Order()];
        IReadOnlyList<PricedUsage> usage = range.IsEmpty ? [] : await store.SumPricedAsync(scope.Filter, bounds, current.Known, uninvoicedOnly: false, cancel);
        Dictionary<string, int> order = scope.Order;
        return
        [
            .. from used in usage
               where order.ContainsKey(used.Service)
               group used by (used.CustomerId, used.Service) into own
               orderby own.Key.CustomerId, order[own.Key.Service]
               let service = scope.Services[order[own.Key.Service]]
               let before = Cost(own, u => CostLines.PriceOf(current, u, bounds[u.Period])).ToReported()
               let after = Cost(own, u => CostLines.PriceOf(current, u, bounds[u.Period]) is null ? null : other.List.At(u.CustomerId, u.Service, bounds[u.Period])).ToReported()
               select new UsageCostDifference
               {
                   CustomerId = own.Key.CustomerId,
                   Service = service.Name,
                   Quantity = own.Aggregate(ExactDecimal.Zero, (sum, u) => sum + u.Quantity).ToReported(),
                   Unit = service.Unit,
                   Current = before,
                   Proposed = after,
                   Difference = ((ExactDecimal)after - before).ToReported(),
                   PercentChange = Percent.Of(((ExactDecimal)after - before).ToReported(), before),
                   Start = scope.Local(scope.Range.Start),
                   End = scope.Local(scope.Range.End),
               },
        ];
    }

    private static ExactDecimal Cost(IEnumerable<PricedUsage> usage, Func<PricedUsage, Price?> priceOf) => usage
        .GroupBy(u => priceOf(u) is { } price ? (Price: price, UnitCost: 0m) : (null, u.UnitCost), u => u.Quantity)
        .Select(g => (g.Key, Quantity: g.Aggregate(ExactDecimal.Zero, (sum, q) => sum + q)))
        .SelectMany(g => g.Key.Price is { } price ? PriceCharge.Of(price, ExactDecimal.Zero, g.Quantity) : [PriceCharge.Flat(g.Key.UnitCost, g.Quantity)])
        .Aggregate(ExactDecimal.Zero, (sum, charge) => sum + charge.Amount);

    private static List<Price> Merge(IReadOnlyList<Price> standing, IReadOnlyList<Price> proposed)
    {
        ILookup<(string, string?, string?), Price> scopes = proposed.ToLookup(p => (p.Service, p.CustomerId, p.PlanName));
        return
        [
            .. standing.Where(p => p.RemovedAt is null && !scopes.Contains((p.Service, p.CustomerId, p.PlanName))),
            // The question is what they would have cost, though they begin only later: the first of each begins before everything.
            .. scopes.SelectMany(s => s.OrderBy(p => p.InForceFrom).Select((p, i) => i == 0 ? p with { InForceFrom = BuiltInServices.InForceFrom } : p)),
        ];
    }
}
