namespace UsageTracking.Metering.Pricing;

/// <summary>Checks what somebody wants as a price.</summary>
public static class PriceRules
{
    /// <summary>The price that some values make.</summary>
    /// <param name="service">The service.</param>
    /// <param name="customerId">The customer it is for; null for all.</param>
    /// <param name="planName">The plan it is for; null for all.</param>
    /// <param name="from">Its first day.</param>
    /// <param name="model">How a quantity becomes an amount; null for Package with a package's size, else Flat.</param>
    /// <param name="unitCost">The price of one unit or package; where there are tiers it is that of the first one.</param>
    /// <param name="tiers">The tiers, lowest first.</param>
    /// <param name="packageSize">The units in a package.</param>
    /// <exception cref="UsageException"><c>InvalidPrice</c>.</exception>
    public static Price Make(
        Service service, string? customerId, string? planName, DateOnly from, PriceModel? model, decimal? unitCost, PriceTiers? tiers, decimal? packageSize)
    {
        if (customerId is not null && planName is not null)
            throw Invalid("A price is for a customer or for a plan, not for both.", service);

        if (from < BuiltInServices.InForceFrom)
            throw Invalid(FormattableString.Invariant($"A price from {from:yyyy-MM-dd} on would be older than any usage: that begins in 1980. Check the year."), service);

        tiers ??= PriceTiers.None;
        PriceModel way = model ?? (packageSize is null ? PriceModel.Flat : PriceModel.Package);
        if (packageSize is not null != (way == PriceModel.Package))
            throw Invalid(way == PriceModel.Package ? "A package price needs the size of a package: -PackageSize 1000." : $"A {way} price has no package size.", service);

        if (packageSize <= 0)
            throw Invalid("A package has more than 0 units.", service);

        if (way is PriceModel.Graduated or PriceModel.Volume)
        {
            CheckTiers(tiers, service);
            return new Price(service.Name, customerId, planName, from, tiers[0].UnitCost) { Model = way, Tiers = tiers };
        }

        if (tiers.Count > 0)
            throw Invalid($"A {way} price has no tiers. Say whether they are Graduated, each part at its tier's price, or Volume, all at the price of the tier that is reached.", service);

        return new Price(service.Name, customerId, planName, from, unitCost ?? throw Invalid("A price needs a unit cost, or tiers.", service)) { Model = way, PackageSize = packageSize };
    }

    /// <summary>Prices of some services in their order: the list's, then plans' and customers', the latest first.</summary>
    public static IEnumerable<Price> InOrder(IEnumerable<Price> prices, IReadOnlyList<Service> services) =>
        from service in services
        from price in prices.Where(p => p.Service == service.Name)
            .OrderBy(p => p.CustomerId is not null).ThenBy(p => p.PlanName is not null)
            .ThenBy(p => p.PlanName ?? p.CustomerId, StringComparer.Ordinal).ThenByDescending(p => p.InForceFrom)
        select price;

    /// <summary>The price of a service, for a customer, plan or all, that begins on a day.</summary>
    /// <exception cref="UsageException"><c>PriceNotFound</c>.</exception>
    public static Price Find(IEnumerable<Price> prices, string service, string? customerId, string? planName, DateOnly from) =>
        prices.FirstOrDefault(p => p.Service == service && p.CustomerId == customerId && p.PlanName == planName && p.InForceFrom == from)
        ?? throw new UsageException(
            UsageErrorKind.NotFound, "PriceNotFound",
            FormattableString.Invariant($"There is no such price of {service} from {from:yyyy-MM-dd} on. Get-UsagePrice lists those there are."), service);

    /// <summary>What a price is of, in a few words.</summary>
    public static string Describe(Price price) =>
        price.CustomerId is { } customer ? $"{price.Service} for the customer {customer}"
        : price.PlanName is { } plan ? $"{price.Service} for the plan {plan}"
        : $"{price.Service} for all";

    private static void CheckTiers(PriceTiers tiers, Service service)
    {
        if (tiers.Count == 0)
            throw Invalid("A graduated or volume price needs tiers: -Tier @{ UpTo = 1000; UnitCost = 0.01 }, @{ UnitCost = 0.005 }.", service);

        if (tiers[^1].UpTo is not null)
            throw Invalid("The last tier has no UpTo: it is for all that is more.", service);

        decimal end = 0;
        foreach (PriceTier tier in tiers.Take(tiers.Count - 1))
        {
            if (tier.UpTo is not { } upTo || upTo <= end)
                throw Invalid("Each tier but the last has an UpTo, more than 0 and more than that of the tier before.", service);

            end = upTo;
        }
    }

    private static UsageException Invalid(string message, Service service) => UsageException.Invalid("InvalidPrice", message, service.Name);
}
