using System.Collections;
using System.Management.Automation;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes keys that recent records have in their metadata.</summary>
public sealed class MetadataKeyCompleter : NameCompleter
{
    private protected override IEnumerable<OfferedName> Names(IDictionary bound)
    {
        IReadOnlyList<string> customers = Exact(bound, "CustomerId");
        return ModuleLifetime.KnownNames.MetadataKeys(
            customers.Count > 0 ? customers : [UsageCmdlet.Session.CustomerId], Exact(bound, "Service")).Select(k => new OfferedName(k, null));
    }

    /// <summary>The names given; none where they are not known yet or hold wildcards.</summary>
    private static IReadOnlyList<string> Exact(IDictionary bound, string parameter)
    {
        IReadOnlyList<string> given = Given(bound, parameter);
        return given.Any(WildcardPattern.ContainsWildcardCharacters) ? [] : given;
    }
}
