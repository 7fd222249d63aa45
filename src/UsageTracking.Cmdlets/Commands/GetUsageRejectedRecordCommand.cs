using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageRejectedRecord")]
[OutputType(typeof(RejectedUsageRecord))]
public sealed class GetUsageRejectedRecordCommand : UsageCmdlet
{
    // Not looked up in the catalogue or among the customers: that they are not there may be what was wrong.
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string[] Service { get; set; } = ["*"];

    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string[] CustomerId { get; set; } = ["*"];

    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? First { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        TimeZoneInfo zone = ZoneOf(TimeZone);
        FlushPending(connection);
        long left = First ?? long.MaxValue;
        foreach (RejectedRecord record in Read(connection.Store.ReadRejectedAsync(AskingCustomer, Cancel)))
        {
            if (!NameSelection.Matches(Service, record.Record.Service) || !NameSelection.Matches(CustomerId, record.Record.CustomerId))
                continue;

            WriteObject(new RejectedUsageRecord(record, zone));
            if (--left == 0)
                break;
        }
    }
}
