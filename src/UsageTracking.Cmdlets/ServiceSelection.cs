using UsageTracking.Metering;

namespace UsageTracking.Cmdlets;

/// <summary>Finds the services that names and wildcards mean.</summary>
internal static class ServiceSelection
{
    /// <summary>The services meant, in catalogue order.</summary>
    public static IReadOnlyList<Service> Match(IEnumerable<string> asked, ServiceCatalogue catalogue, Action<UsageException> onUnknown)
    {
        string[] known = [.. catalogue.Services.Select(s => s.Name)];
        HashSet<string> names = [.. NameSelection.Match(asked, known, StringComparer.OrdinalIgnoreCase, name => onUnknown(catalogue.Unknown(name)))];
        return [.. catalogue.Services.Where(s => names.Contains(s.Name))];
    }
}
