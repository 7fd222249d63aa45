namespace UsageTracking.Stores;

/// <summary>
/// For each fraction that was asked for, the quantities of one customer and service between which that percentile lies
/// (<see cref="Metering.Percentile"/>). Corrections and what they correct are left out.
/// </summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Count">How many records there are.</param>
/// <param name="Neighbours">The quantities at the two ranks, for each fraction in turn.</param>
public sealed record Quantiles(string CustomerId, string Service, long Count, IReadOnlyList<(decimal Lower, decimal Upper)> Neighbours);
