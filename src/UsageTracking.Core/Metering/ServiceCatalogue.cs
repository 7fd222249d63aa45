using System.Diagnostics.CodeAnalysis;

namespace UsageTracking.Metering;

/// <summary>The services of one store, and how many bytes its gigabyte has.</summary>
public sealed class ServiceCatalogue
{
    /// <summary>2^30, the gigabyte of the original.</summary>
    public const long BinaryGigabyte = 1L << 30;

    /// <summary>10^9, the gigabyte of internet providers.</summary>
    public const long DecimalGigabyte = 1_000_000_000;

    private readonly Dictionary<string, Service> _byName;

    /// <summary>Creates a catalogue.</summary>
    public ServiceCatalogue(IEnumerable<Service> services, long bytesPerGigabyte)
    {
        Services = [.. services.OrderBy(s => s.SortOrder).ThenBy(s => s.Name, StringComparer.Ordinal)];
        _byName = Services.ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);
        BytesPerGigabyte = bytesPerGigabyte;
    }

    /// <summary>All services, in catalogue order.</summary>
    public IReadOnlyList<Service> Services { get; }

    /// <summary>Bytes in this store's gigabyte.</summary>
    public long BytesPerGigabyte { get; }

    /// <summary>Finds a service by name, whatever its case.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Service? service) => _byName.TryGetValue(name, out service);

    /// <summary>Finds a service by name, whatever its case.</summary>
    /// <exception cref="UsageException"><c>UnknownService</c>.</exception>
    public Service Get(string name) => TryGet(name, out Service? service) ? service : throw Unknown(name);

    /// <summary>
    /// Names the record's service as the catalogue does, and turns bytes into gigabytes where it was measured in bytes.
    /// </summary>
    /// <exception cref="UsageException"><c>UnknownService</c>, or <c>InvalidQuantity</c> where the service does not count bytes.</exception>
    public UsageRecord Resolve(UsageRecord record)
    {
        Service service = Get(record.Service);
        if (!record.InBytes)
            return record.Service == service.Name ? record : record with { Service = service.Name };

        if (!service.CountsBytes)
            throw UsageException.Invalid("InvalidQuantity", $"The service '{service.Name}' counts {service.Unit}, not bytes.", record.Service);

        // Dividing by a power of two or ten is exact within 18 decimals only for small powers; it is rounded once, here.
        decimal quantity = Quantity.FromCalculation(Divide(record.Quantity, BytesPerGigabyte), record.Quantity);
        return record with { Service = service.Name, Quantity = quantity, InBytes = false };
    }

    /// <summary>The error for a name that is none of these services.</summary>
    public UsageException Unknown(string name) => new(
        UsageErrorKind.NotFound,
        "UnknownService",
        $"There is no service '{name}'. This store has: {string.Join(", ", Services.Select(s => s.Name))}.",
        name);

    private static ExactDecimal Divide(decimal bytes, long bytesPerGigabyte)
    {
        // 1/2^30 and 1/10^9 end after 30 and 9 decimals: as a product the quotient is exact.
        ExactDecimal reciprocal = bytesPerGigabyte == DecimalGigabyte
            ? new ExactDecimal(1, 9)
            : new ExactDecimal(System.Numerics.BigInteger.Pow(5, 30), 30);
        return reciprocal * bytes;
    }
}
