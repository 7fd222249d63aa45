using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "UsageCustomer", SupportsShouldProcess = true)]
[OutputType(typeof(UsageCustomerInfo))]
public sealed class SetUsageCustomerCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string CustomerId { get; set; } = "";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Name { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ProjectName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Email { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Company { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public object? Metadata { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        var change = new CustomerChange(CustomerIds.Check(CustomerId))
        {
            Name = Name,
            ProjectName = ProjectName,
            Email = Email,
            Company = Company,
            Metadata = Metadata is null ? null : MetadataReader.Read(Metadata),
        };
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        if (!ShouldProcess(change.CustomerId, $"create or change the customer in {connection.Store.Address}"))
            return;

        Customer customer = Wait(connection.Store.SetCustomerAsync(change, Cancel));
        if (PassThru)
            WriteObject(new UsageCustomerInfo(customer));
    }
}
