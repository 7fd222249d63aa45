BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Set-UsageCustomer on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'makes a customer, and writes nothing' {
            Set-UsageCustomer acme -Name 'Acme Ltd' -ProjectName rockets -Email a@acme.test -Company Acme | Should -BeNullOrEmpty
            Invoke-Sql $store "select project_name, name, email, company, metadata from billing_customers where customer_id = 'acme'" |
                Should -Be 'rockets|Acme Ltd|a@acme.test|Acme|{}'
        }

        It 'changes what is given and leaves the rest' {
            $changed = Set-UsageCustomer acme -Name 'Acme GmbH' -Metadata '{ "tier": 1.50 }' -PassThru
            $changed.Name, $changed.ProjectName, $changed.Email, $changed.Company | Should -Be 'Acme GmbH', 'rockets', 'a@acme.test', 'Acme'
            "$($changed.Metadata)" | Should -Be '{"tier":1.50}'
        }

        It 'names the project as the customer where none is given' {
            (Set-UsageCustomer beta -PassThru).ProjectName | Should -Be beta
        }

        It 'takes ids and objects down the pipeline, its own among them' {
            'p-1', 'p-2' | Set-UsageCustomer -Company Pipes
            [pscustomobject]@{ CustomerId = 'p-3'; Name = 'Three'; Company = 'Objects'; Metadata = @{ n = 3 } } | Set-UsageCustomer
            Get-UsageCustomer p-* | Set-UsageCustomer -Email pipes@test
            Get-UsageCustomer p-* | ForEach-Object { "$($_.CustomerId) $($_.Name) $($_.Company) $($_.Email) $($_.Metadata)" } |
                Should -Be 'p-1  Pipes pipes@test {}', 'p-2  Pipes pipes@test {}', 'p-3 Three Objects pipes@test {"n":3}'
        }

        It 'changes nothing with -WhatIf' {
            Set-UsageCustomer ghost -WhatIf
            Set-UsageCustomer beta -Name Ghost -WhatIf
            (Get-UsageCustomer).CustomerId | Should -Not -Contain ghost
            (Get-UsageCustomer beta).Name | Should -BeNullOrEmpty
        }

        It 'refuses impossible ids and metadata, one error each, and goes on' {
            'q-1', "q`n2", 'q*', ' q', 'q-3' | Set-UsageCustomer -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 3
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidCustomerId,*'
            (Get-UsageCustomer q*).CustomerId | Should -Be 'q-1', 'q-3'

            { Set-UsageCustomer beta -Metadata '[1]' } | Should -Throw -ErrorId 'InvalidMetadata,*'
        }
    }
}
