using UsageTracking.Metering.Pricing;

namespace UsageTracking.Metering;

/// <summary>The prices of a store, asked by customer, service and time.</summary>
public sealed class PriceList
{
    private readonly Dictionary<(string Service, string? Customer, string? Plan), Price[]> _prices;
    private readonly IReadOnlyDictionary<string, string> _planOfCustomer;

    /// <summary>Creates a price list.</summary>
    /// <param name="prices">All prices that may apply.</param>
    /// <param name="planOfCustomer">The plan each customer is subscribed to.</param>
    public PriceList(IEnumerable<Price> prices, IReadOnlyDictionary<string, string> planOfCustomer)
    {
        _prices = prices
            .GroupBy(p => (p.Service, p.CustomerId, p.PlanName))
            .ToDictionary(g => g.Key, g => g.OrderByDescending(p => p.InForceFrom).ToArray());
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
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return InForce((service, customerId, null), day, receivedAt)
            ?? (_planOfCustomer.TryGetValue(customerId, out string? plan) ? InForce((service, null, plan), day, receivedAt) : null)
            ?? InForce((service, null, null), day, receivedAt);
    }

    /// <summary>The price in force for everybody, else zero.</summary>
    public decimal ListPriceAt(string service, DateTimeOffset time) =>
        InForce((service, null, null), DateOnly.FromDateTime(time.UtcDateTime), null)?.StampedCost ?? 0m;

    private Price? InForce((string, string?, string?) scope, DateOnly day, DateTimeOffset? receivedAt)
    {
        if (!_prices.TryGetValue(scope, out Price[]? prices))
            return null;

        foreach (Price price in prices)
        {
            if (price.InForceFrom <= day && (receivedAt is { } time ? price.IsKnownAt(time) : price.RemovedAt is null))
                return price;
        }

        return null;
    }
}
