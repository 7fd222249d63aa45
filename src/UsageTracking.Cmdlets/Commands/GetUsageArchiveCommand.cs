using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageArchive")]
[OutputType(typeof(UsageArchiveInfo))]
public sealed class GetUsageArchiveCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string[] CustomerId { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        WildcardPattern[] patterns = [.. CustomerId.Select(c => WildcardPattern.Get(c, WildcardOptions.None))];
        foreach (StoredArchive archive in Wait(connection.Store.GetArchivesAsync(Cancel)))
        {
            if (archive.CustomerIds.Any(id => patterns.Any(p => p.IsMatch(id))))
                WriteObject(new UsageArchiveInfo(archive));
        }
    }
}
