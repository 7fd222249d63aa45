using System.Globalization;

namespace UsageTracking.Metering;

/// <summary>Which way bandwidth was used.</summary>
public enum BandwidthDirection
{
    /// <summary>Sent.</summary>
    Egress,

    /// <summary>Received.</summary>
    Ingress,
}

/// <summary>
/// The events of the six built-in services, with the units and metadata keys of the original
/// (endpoint, method, status; bytes, hours; bytes, direction; type, duration_ms; function, duration_ms, memory_mb).
/// </summary>
public static class ServiceEvents
{
    /// <summary>One API request.</summary>
    /// <exception cref="UsageException"><c>InvalidStatusCode</c>: no whole number from 0 to 999.</exception>
    public static RecordInput ApiRequest(string endpoint, string method, object? statusCode) => new()
    {
        Service = "api",
        Metadata = Keys(("endpoint", endpoint), ("method", method), ("status", StatusCode(statusCode))),
    };

    /// <summary>Bytes kept for some hours: GB-hours.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>.</exception>
    public static RecordInput Storage(object? bytes, object? hours)
    {
        (decimal size, decimal time) = (Quantity.Read(bytes, "number of bytes"), Quantity.Read(hours, "number of hours"));
        return new RecordInput
        {
            Service = "storage",
            Quantity = Quantity.FromCalculation((ExactDecimal)size * time, bytes),
            InBytes = true,
            Metadata = Keys(("bytes", size), ("hours", time)),
        };
    }

    /// <summary>Bytes sent or received: GB.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>.</exception>
    public static RecordInput Bandwidth(object? bytes, object? direction)
    {
        decimal size = Quantity.Read(bytes, "number of bytes");
        return new RecordInput
        {
            Service = "bandwidth",
            Quantity = size,
            InBytes = true,
            Metadata = Keys(("bytes", size), ("direction", Direction(direction) == BandwidthDirection.Egress ? "egress" : "ingress")),
        };
    }

    /// <summary>Seconds of CPU time: CPU-hours.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>.</exception>
    public static RecordInput Compute(object? cpuSeconds, Metadata metadata) => new()
    {
        Service = "compute",
        Quantity = Quantity.FromCalculation(((ExactDecimal)Quantity.Read(cpuSeconds, "CPU time")).DivideBy(3600), cpuSeconds),
        Metadata = metadata,
    };

    /// <summary>One database query.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>: the duration is no number.</exception>
    public static RecordInput DatabaseQuery(string queryType, object? durationMs) => new()
    {
        Service = "database",
        Metadata = Keys(("type", queryType), ("duration_ms", Quantity.Read(durationMs, "duration"))),
    };

    /// <summary>One invocation of a function.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>: the duration or the memory is no number.</exception>
    public static RecordInput Function(string name, object? durationMs, object? memoryMb) => new()
    {
        Service = "functions",
        Metadata = Keys(("function", name), ("duration_ms", Quantity.Read(durationMs, "duration")), ("memory_mb", Quantity.Read(memoryMb, "memory"))),
    };

    private static int StatusCode(object? value)
    {
        const int Largest = 999;
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code <= Largest
            ? code
            : throw UsageException.Invalid("InvalidStatusCode", $"The status code is '{text}'; it is a whole number from 0 to {Largest}, such as 200.", value);
    }

    private static BandwidthDirection Direction(object? value)
    {
        if (value is BandwidthDirection direction && Enum.IsDefined(direction))
            return direction;

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.ToUpperInvariant() switch
        {
            "EGRESS" => BandwidthDirection.Egress,
            "INGRESS" => BandwidthDirection.Ingress,
            _ => throw UsageException.Invalid("InvalidDirection", $"The direction is '{text}'; it is Egress or Ingress.", value),
        };
    }

    private static Metadata Keys(params (string Key, object Value)[] keys) =>
        Metadata.From(keys.ToDictionary(k => k.Key, k => k.Value, StringComparer.Ordinal), static _ => null);
}
