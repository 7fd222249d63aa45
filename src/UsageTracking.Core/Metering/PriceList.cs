using UsageTracking.Metering.Pricing;

namespace UsageTracking.Metering;

/// <summary>The prices of a store, asked by customer, service and time.</summary>
public sealed class PriceList
{
    private readonly Dictionary<string, Scopes> _services;
    private readonly IReadOnlyDictionary<string, string> _planOfCustomer;

    /// <summary>Creates a price list.</summary>
    /// <param name="prices">All prices that may apply.</param>
    /// <param name="planOfCustomer">The plan each customer is subscribed to.</param>
    public PriceList(IEnumerable<Price> prices, IReadOnlyDictionary<string, string> planOfCustomer)
    {
        _services = prices.GroupBy(p => p.Service, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new Scopes(g), StringComparer.Ordinal);
        _planOfCustomer = planOfCustomer;
    }

    /// <summary>The price in force: the customer's own, else its plan's, else the list's, else zero.</summary>
    public decimal UnitCostAt(string customerId, string service, DateTimeOffset time) => At(customerId, service, time)?.StampedCost ?? 0m;

    /// <summary>The price in force: the customer's own, else its plan's, else the list's, else none.</summary>
    /// <param name="customerId">The customer.</param>
    /// <param name="service">The service.</param>
    /// <param name="time">When it is to be in force.</param>
    /// <param name="receivedAt">Of the prices that the store knew then; null for those that stand.</param>
    public Price? At(string customerId, string service, DateTimeOffset time, DateTimeOffset? receivedAt = null)
    {
        if (!_services.TryGetValue(service, out Scopes? scopes))
            return null;

        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return InForce(Scopes.Of(scopes.Customers, customerId), day, receivedAt)
            ?? (scopes.Plans.Count > 0 && _planOfCustomer.TryGetValue(customerId, out string? plan) ? InForce(Scopes.Of(scopes.Plans, plan), day, receivedAt) : null)
            ?? InForce(scopes.Everybody, day, receivedAt);
    }

    /// <summary>The price in force for everybody, else zero.</summary>
    public decimal ListPriceAt(string service, DateTimeOffset time) =>
        _services.TryGetValue(service, out Scopes? scopes) ? InForce(scopes.Everybody, DateOnly.FromDateTime(time.UtcDateTime), null)?.StampedCost ?? 0m : 0m;

    private static Price? InForce(Price[] prices, DateOnly day, DateTimeOffset? receivedAt)
    {
        foreach (Price price in prices)
        {
            if (price.InForceFrom <= day && (receivedAt is { } time ? price.IsKnownAt(time) : price.RemovedAt is null))
                return price;
        }

        return null;
    }

    // A service's prices, the newest first. Nearly every store has those for everybody only.
    private sealed class Scopes(IEnumerable<Price> prices)
    {
        public Price[] Everybody { get; } = Newest(prices.Where(p => p.CustomerId is null && p.PlanName is null));

        public Dictionary<string, Price[]> Customers { get; } = By(prices.Where(p => p.CustomerId is not null), p => p.CustomerId!);

        public Dictionary<string, Price[]> Plans { get; } = By(prices.Where(p => p.CustomerId is null && p.PlanName is not null), p => p.PlanName!);

        public static Price[] Of(Dictionary<string, Price[]> scopes, string name) => scopes.Count > 0 && scopes.TryGetValue(name, out Price[]? prices) ? prices : [];

        private static Dictionary<string, Price[]> By(IEnumerable<Price> prices, Func<Price, string> scope) =>
            prices.GroupBy(scope, StringComparer.Ordinal).ToDictionary(g => g.Key, Newest, StringComparer.Ordinal);

        private static Price[] Newest(IEnumerable<Price> prices) => [.. prices.OrderByDescending(p => p.InForceFrom)];
    }
}
