using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Profiles;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageProfile")]
[OutputType(typeof(UsageProfile))]
public sealed class GetUsageProfileCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnProcess() =>
        WriteObject(ProfileSelection.Match(Name, ProfileStores.List(), e => WriteItemError(e)), enumerateCollection: true);
}
