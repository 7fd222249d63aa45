namespace UsageTracking.Metering;

/// <summary>A metered service: its name, the unit its usage is counted in, and its place in reports.</summary>
/// <param name="Name">The name records carry, such as <c>api</c>.</param>
/// <param name="Unit">What a quantity of one is, such as <c>requests</c>.</param>
/// <param name="CountsBytes">Whether the unit is made of gigabytes, so that bytes are divided by the store's bytes per GB.</param>
/// <param name="SortOrder">Its place in the catalogue.</param>
public sealed record Service(string Name, string Unit, bool CountsBytes, int SortOrder);

/// <summary>The six services every store starts with, with their list prices per unit.</summary>
public static class BuiltInServices
{
    /// <summary>The first day of the built-in prices: before any record.</summary>
    public static DateOnly InForceFrom { get; } = new(1980, 1, 1);

    /// <summary>The services in catalogue order.</summary>
    public static IReadOnlyList<(Service Service, decimal UnitCost)> All { get; } =
    [
        (new Service("api", "requests", false, 1), 0.0001m),
        (new Service("storage", "GB-hours", true, 2), 0.001m),
        (new Service("bandwidth", "GB", true, 3), 0.01m),
        (new Service("compute", "CPU-hours", false, 4), 0.05m),
        (new Service("database", "queries", false, 5), 0.00001m),
        (new Service("functions", "invocations", false, 6), 0.0002m),
    ];
}
