using UsageTracking.Metering;

namespace UsageTracking.Cmdlets;

/// <summary>Finds the services that names and wildcards mean.</summary>
internal static class ServiceSelection
{
    /// <summary>The services meant, in catalogue order; after them, where any name is taken, those the catalogue does not have.</summary>
    public static IReadOnlyList<Service> Match(
        IEnumerable<string> asked, ServiceCatalogue catalogue, bool takesAnyName, Action<UsageException> onUnknown)
    {
        var others = new List<Service>();
        string[] known = [.. catalogue.Services.Select(s => s.Name)];
        HashSet<string> names = [.. NameSelection.Match(asked, known, StringComparer.OrdinalIgnoreCase, name =>
        {
            if (takesAnyName)
                others.Add(new Service(name, "", false, int.MaxValue));
            else
                onUnknown(catalogue.Unknown(name));
        })];
        return [.. catalogue.Services.Where(s => names.Contains(s.Name)), .. others];
    }
}
