using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>How much of a service a customer used in a period, at one stamped price.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Period">The index of the period: it lies between bounds [Period] and [Period + 1].</param>
/// <param name="Known">How many of the instants asked with the records were received at or after.</param>
/// <param name="UnitCost">The price stamped on the records.</param>
/// <param name="Quantity">Their quantities, added.</param>
public readonly record struct PricedUsage(string CustomerId, string Service, int Period, int Known, decimal UnitCost, ExactDecimal Quantity);
