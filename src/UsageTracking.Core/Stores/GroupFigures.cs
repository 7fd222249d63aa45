namespace UsageTracking.Stores;

/// <summary>What one customer used of one service in one period, of the records that have the same metadata values.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Period">The index of the period: it lies between bounds [Period] and [Period + 1].</param>
/// <param name="Values">The JSON of each key's value, in the order the keys were asked for; null where a record has no such key.</param>
/// <param name="Figures">The figures.</param>
public readonly record struct GroupFigures(string CustomerId, string Service, int Period, IReadOnlyList<string?> Values, Figures Figures);
