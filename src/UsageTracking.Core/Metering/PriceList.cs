namespace UsageTracking.Metering;

/// <summary>One price of a service: for one customer, for the customers of one plan, or for everybody.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="CustomerId">The customer it is for; null for all.</param>
/// <param name="PlanName">The plan it is for; null for all.</param>
/// <param name="InForceFrom">Its first day, in UTC.</param>
/// <param name="UnitCost">The price of one unit.</param>
public sealed record Price(string Service, string? CustomerId, string? PlanName, DateOnly InForceFrom, decimal UnitCost);

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
    public decimal UnitCostAt(string customerId, string service, DateTimeOffset time)
    {
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return InForce((service, customerId, null), day)
            ?? (_planOfCustomer.TryGetValue(customerId, out string? plan) ? InForce((service, null, plan), day) : null)
            ?? InForce((service, null, null), day)
            ?? 0m;
    }

    /// <summary>The price in force for everybody, else zero.</summary>
    public decimal ListPriceAt(string service, DateTimeOffset time) =>
        InForce((service, null, null), DateOnly.FromDateTime(time.UtcDateTime)) ?? 0m;

    private decimal? InForce((string, string?, string?) scope, DateOnly day)
    {
        if (!_prices.TryGetValue(scope, out Price[]? prices))
            return null;

        foreach (Price price in prices)
        {
            if (price.InForceFrom <= day)
                return price.UnitCost;
        }

        return null;
    }
}
