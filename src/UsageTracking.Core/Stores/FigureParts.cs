namespace UsageTracking.Stores;

/// <summary>What a report wants of the figures.</summary>
public enum FigureParts
{
    /// <summary>Events, quantity, cost, minimum and maximum.</summary>
    All,

    /// <summary>Events and quantity.</summary>
    Quantity,
}
