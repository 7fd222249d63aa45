namespace UsageTracking.Metering.Pricing;

/// <summary>How a quantity becomes an amount.</summary>
public enum PriceModel
{
    /// <summary>Every unit at the same price.</summary>
    Flat,

    /// <summary>Each part of the quantity at its own tier's price.</summary>
    Graduated,

    /// <summary>The whole quantity at the price of the tier that it reaches.</summary>
    Volume,

    /// <summary>Started packages of some size at a price each.</summary>
    Package,
}
