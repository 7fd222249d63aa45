using UsageTracking.Metering.Pricing;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A price of a service.</summary>
public sealed class UsagePriceInfo
{
    internal UsagePriceInfo(Price price, string? unit)
    {
        Service = price.Service;
        CustomerId = price.CustomerId;
        Plan = price.PlanName;
        From = price.InForceFrom;
        Model = price.Model;
        UnitCost = price.UnitCost;
        Unit = unit;
        Tier = price.Tiers.Count == 0 ? null : price.Tiers;
        PackageSize = price.PackageSize;
    }

    /// <summary>The service.</summary>
    public string Service { get; }

    /// <summary>The customer it is for; null for all.</summary>
    public string? CustomerId { get; }

    /// <summary>The plan it is for; null for all.</summary>
    public string? Plan { get; }

    /// <summary>Its first day, in UTC.</summary>
    public DateOnly From { get; }

    /// <summary>How a quantity becomes an amount.</summary>
    public PriceModel Model { get; }

    /// <summary>The price of one unit, of the first unit where there are tiers, or of one package.</summary>
    public decimal UnitCost { get; }

    /// <summary>The service's unit; null for a service that the catalogue does not have.</summary>
    public string? Unit { get; }

    /// <summary>The tiers; null where there are none.</summary>
    public PriceTiers? Tier { get; }

    /// <summary>The units in a package; null where there are none.</summary>
    public decimal? PackageSize { get; }
}
