BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageCustomer on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            Set-UsageCustomer acme-1 -Name 'Acme Ltd' -ProjectName rockets -Email a@acme.test -Company Acme -Metadata @{ tier = 2; tags = 'x', 'y' }
            Set-UsageCustomer acme-2
            Set-UsageCustomer 'Zoë & Søn'
        }
        AfterAll { Remove-TestStore $store }

        It 'lists every customer, by id' {
            (Get-UsageCustomer).CustomerId | Should -Be 'Zoë & Søn', 'acme-1', 'acme-2'
        }

        It 'shows all that is known' {
            $customer = Get-UsageCustomer acme-1
            $customer.Name, $customer.ProjectName, $customer.Email, $customer.Company | Should -Be 'Acme Ltd', 'rockets', 'a@acme.test', 'Acme'
            "$($customer.Metadata)" | Should -BeExactly '{"tags":["x","y"],"tier":2}'
            $customer.Metadata.tier | Should -Be 2
            $customer.CreatedAt | Should -BeGreaterThan ([datetimeoffset]::UtcNow.AddMinutes(-5))
            $customer.CreatedAt | Should -BeLessThan ([datetimeoffset]::UtcNow.AddMinutes(5))
        }

        It 'takes wildcards, several ids, strings down the pipeline and objects with a CustomerId' {
            (Get-UsageCustomer acme-*).CustomerId | Should -Be 'acme-1', 'acme-2'
            (Get-UsageCustomer acme-2, 'Z*').CustomerId | Should -Be 'acme-2', 'Zoë & Søn'
            ('acme-2', 'acme-1' | Get-UsageCustomer).CustomerId | Should -Be 'acme-2', 'acme-1'
            ([pscustomobject]@{ CustomerId = 'acme-1' } | Get-UsageCustomer).Name | Should -Be 'Acme Ltd'
            Get-UsageCustomer nothing* | Should -BeNullOrEmpty
        }

        It 'has an error for each that does not exist, and shows the others' {
            $found = Get-UsageCustomer nobody, acme-1, ACME-2 -ErrorAction SilentlyContinue -ErrorVariable problem
            $found.CustomerId | Should -Be acme-1
            $problem.FullyQualifiedErrorId | Should -BeLike 'CustomerNotFound,*'
            $problem.TargetObject | Should -Be nobody, ACME-2
            $problem[0].CategoryInfo.Category | Should -Be ObjectNotFound
        }

        It 'lists a customer whose first record was just added' {
            Add-UsageRecord api -CustomerId newcomer
            (Get-UsageCustomer newcomer).ProjectName | Should -Be newcomer
        }
    }
}
