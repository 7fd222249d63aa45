# Dot-sourced by the tests of quotas, after Common.ps1.

# A customer of a test's own, who is the connection's.
function Connect-NewCustomer($Address) {
    $customer = 'c-' + [guid]::NewGuid().ToString('N')
    Connect-UsageStore @Address -CustomerId $customer
    $customer
}

# The first instant of a UTC day, so many days from today.
function Get-Day([int] $FromToday) { [datetimeoffset]::new([datetimeoffset]::UtcNow.UtcDateTime.Date, [timespan]::Zero).AddDays($FromToday) }

# A time as the store's own program reads it.
function ConvertTo-SqlTime($Store, [datetimeoffset] $Time) {
    $text = $Time.ToUniversalTime().ToString('yyyy-MM-dd HH:mm:ss.ffffff', [cultureinfo]::InvariantCulture)
    $Store.Path ? "${text}Z" : "$text+00"
}

# A plan with a quota per service in nself's tables, and the connected customer's subscription to it.
function Add-Plan {
    param($Store, [string] $CustomerId, [string] $Name, [string[]] $Quota, [datetimeoffset] $Start, [datetimeoffset] $End, [string] $Status = 'active')

    $values = $Quota | ForEach-Object { "('$Name', $_)" }
    $quotas = $values ? "insert into billing_quotas (plan_name, service_name, limit_value, limit_type, enforcement_mode, reset_period) values $($values -join ', ') on conflict do nothing;" : ''
    Invoke-Sql $Store @"
insert into billing_customers (customer_id, project_name) values ('$CustomerId', '$CustomerId') on conflict do nothing;
insert into billing_plans (plan_name) values ('$Name') on conflict do nothing;
$quotas
insert into billing_subscriptions (subscription_id, customer_id, plan_name, status, current_period_start, current_period_end)
values ('$([guid]::NewGuid())', '$CustomerId', '$Name', '$Status', '$(ConvertTo-SqlTime $Store $Start)', '$(ConvertTo-SqlTime $Store $End)')
"@
}
